/** Items page by page: asks for the next page when the caller comes to it. `next` is the cursor of the page that follows, if any. */
export async function* paged<Item, Cursor>(
  page: (cursor: Cursor | undefined) => Promise<{ items: Item[]; next: Cursor | null | undefined }>,
  most = Infinity,
): AsyncGenerator<Item, void, undefined> {
  let cursor: Cursor | undefined;
  let left = most;
  while (left > 0) {
    const { items, next } = await page(cursor);
    for (const item of items) {
      if (left <= 0) return;
      left -= 1;
      yield item;
    }
    if (next === undefined || next === null) return;
    cursor = next;
  }
}

/** All items of an iterable, in memory. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
