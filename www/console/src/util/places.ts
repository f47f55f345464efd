// Where somebody was in a list that they left, until the page is loaded anew.

export interface Place {
  /** How far the window was scrolled. */
  scroll: number;
  /** The row that had the focus, or was opened. */
  row: string | undefined;
  /** Where its rows were, as who drew them knows it. */
  rows: readonly unknown[];
}

const places = new Map<string, Place>();

export const placeOf = (list: string): Place | undefined => places.get(list);

export function keepPlace(list: string, place: Place): void {
  places.set(list, place);
}
