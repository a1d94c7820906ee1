/** The page with this text between its lines `<!-- name -->` and `<!-- /name -->`. Throws where it lacks them. */
export function betweenMarkers(page: string, name: string, text: string): string {
  const [first, last] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [begin, end] = [page.indexOf(first), page.indexOf(last)];
  if (begin < 0 || end < begin) throw new Error(`The page lacks the lines ${first} and ${last}.`);
  return `${page.slice(0, begin + first.length)}\n\n${text}\n\n${page.slice(end)}`;
}
