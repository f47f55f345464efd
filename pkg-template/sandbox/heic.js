// @ts-check
// HEIC: the header only. Its pictures are HEVC frames, whose encoder would dwarf this sandbox, and no browser but
// Safari shows them; what a client must do is to know the type, and to offer such a file instead of showing it.

import { bigEndian32, joined, latin } from "./png.js";

/** @param {string} type @param {...Uint8Array} content */
const box = (type, ...content) => joined(bigEndian32(8 + joined(...content).length), latin(type), ...content);

export function heic() {
  const none = latin("\0\0\0\0");
  const handler = box("hdlr", none, none, latin("pict"), none, none, none, latin("\0"));
  return joined(
    box("ftyp", latin("heic"), none, latin("mif1heic")),
    box("meta", none, handler),
    box("free", latin("SPECIMEN. A header without a picture, made by the Passdesk sandbox.")),
  );
}
