/** Each item's answer in the items' order, with at most so many under way at a time. */
export async function mapped<Item, Answer>(
  items: readonly Item[],
  atATime: number,
  each: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = new Array<Answer>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) answers[at] = await each(items[at] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, work));
  return answers;
}
