// @ts-check
import { testHandoff } from "./handoff.mjs";
import { REACT_19 } from "./stage.mjs";

testHandoff(REACT_19);
