// @ts-check
import { testHandoff } from "./handoff.mjs";
import { REACT_18 } from "./stage.mjs";

testHandoff(REACT_18);
