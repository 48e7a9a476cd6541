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
 * @returns {Promise<object>} its answer
 * @throws {Error} with a sentence for people
 */
export async function order(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization() },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('the server did not answer.')
  })
  const said = await answer.json()
  if (!answer.ok) throw new Error(said.error.message)
  return said
}
