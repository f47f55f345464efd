// A link within the console. Anything but a plain click stays the browser's own, so new tabs work as ever.
export { Link } from "wouter";
