/** Times its own pixels that an element is drawn at: on a wall the root is scaled. Rectangles and pointers are told as drawn. */
export function drawnScale(element: Element): number {
  // browsers that do not tell it give rectangles in the element's own pixels
  return (element as Partial<Element>).currentCSSZoom ?? 1
}
