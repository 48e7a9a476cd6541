/**
 * Hands every line of an answer of JSON lines (NDJSON) to `heard`, until it ends. Throws when it breaks.
 * @param {Response} answer
 * @param {(line: object) => void} heard
 * @param {() => void} came whenever anything has come
 */
export async function readLines(answer, heard, came = () => {}) {
  let rest = ''
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    came()
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    for (const line of lines) if (line) heard(JSON.parse(line))
  }
}
