// @ts-check
// PDF: one page that holds a JPEG as it is (ISO 32000, DCTDecode) under a line that says what it is.

import { joined, latin } from "./png.js";

/**
 * @param {Uint8Array} jpeg
 * @param {{ width: number, height: number }} size
 */
export function pdf(jpeg, { width, height }) {
  const text =
    "BT /F1 14 Tf 56 780 Td (SPECIMEN. Drawn by the Passdesk sandbox; no such person, no such document.) Tj ET";
  const content = `${text} q 480 0 0 ${Math.round((480 * height) / width)} 56 440 cm /Card Do Q`;
  const image = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`;
  /** @type {[dictionary: string, stream?: Uint8Array][]} */
  const objects = [
    ["/Type /Catalog /Pages 2 0 R"],
    ["/Type /Pages /Kids [3 0 R] /Count 1"],
    [
      "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /Card 6 0 R >> >>",
    ],
    ["", latin(content)],
    ["/Type /Font /Subtype /Type1 /BaseFont /Helvetica"],
    [image, jpeg],
  ];
  /** @type {Uint8Array[]} */
  const parts = [latin("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")];
  const size = () => parts.reduce((sum, part) => sum + part.length, 0);
  const offsets = objects.map(([dictionary, stream], i) => {
    const offset = size();
    const length = stream ? ` /Length ${stream.length}` : "";
    parts.push(latin(`${i + 1} 0 obj\n<< ${dictionary}${length} >>\n`));
    if (stream) parts.push(latin("stream\n"), stream, latin("\nendstream\n"));
    parts.push(latin("endobj\n"));
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const start = size();
  const entries = objects.length + 1;
  parts.push(latin(`xref\n0 ${entries}\n0000000000 65535 f \n${offsets.join("")}`));
  parts.push(latin(`trailer\n<< /Size ${entries} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`));
  return joined(...parts);
}
