// Where the focus goes after a move between screens: to the new heading, as a page load would begin at the top. A screen
// that keeps its place (the queue) takes the move for itself.

let moved = false;

/** Called when the path has changed. */
export function noteMove(): void {
  moved = true;
}

/** Whether there was a move that nobody has answered yet; whoever asks answers it. */
export function takeMove(): boolean {
  const was = moved;
  moved = false;
  return was;
}
