import { authorization } from './token.js'

/** What the server tells. @throws {Error} with the `status` of a refusal */
export async function ask(path) {
  const signal = AbortSignal.timeout(10_000)
  const answer = await fetch(path, { cache: 'no-store', headers: authorization(), signal })
  if (!answer.ok) {
    throw Object.assign(new Error(`${path} answered ${answer.status}`), { status: answer.status })
  }
  return answer.json()
}

/**
 * Sends an order to the management API.
 * @returns {Promise<Response>} its answer, which is no refusal
 * @throws {Error} with a sentence for people
 */
export async function send(path, body, signal) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization() },
    body: JSON.stringify(body),
    signal,
  }).catch(() => {
    throw new Error('the server did not answer.')
  })
  if (!answer.ok) throw new Error((await answer.json()).error.message)
  return answer
}

/** As `send`. @returns {Promise<object>} what the answer says */
export const order = async (path, body) => (await send(path, body)).json()
