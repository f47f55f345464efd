import { createRoot } from "react-dom/client";
import { standInForCivic } from "./civic.ts";
import { Dapp } from "./dapp.tsx";
import "../../console/src/styles/tokens.css";
import "../../console/src/styles/base.css";
import "./dapp.css";

standInForCivic();

const root = document.getElementById("dapp");
if (root === null) throw new Error("the page has no place for the dApp");
const { desk } = (await (await fetch("/settings.json")).json()) as { desk: string };
createRoot(root).render(<Dapp desk={desk} />);
