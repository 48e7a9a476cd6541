import type { NodeAnswer } from '../../../cluster/node-body.ts'

/** What another node would answer; its body comes five bytes at a time. */
export function nodeAnswer(
  bytes: Buffer,
  head: Partial<Pick<NodeAnswer, 'status' | 'headers'>> = {},
): NodeAnswer {
  let at = 0
  const body: NodeAnswer['body'] = {
    async read(into) {
      const length = bytes.copy(into, 0, at, at + 5)
      at += length
      return length
    },
    close: () => {},
  }
  return { status: 200, headers: {}, ...head, body, length: bytes.length }
}
