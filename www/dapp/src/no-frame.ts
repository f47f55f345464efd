/** In place of the frame that would show Civic's own window. */
export default function NoFrame() {
  return null;
}
