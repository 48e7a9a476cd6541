/** All of a body that is known to be small. @throws what `tooLong` makes as soon as it is over `most` bytes */
export async function wholeBody(
  body: AsyncIterable<Buffer>,
  most: number,
  tooLong: () => Error,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
