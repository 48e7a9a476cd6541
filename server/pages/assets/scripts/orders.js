import { authorization } from './token.js'

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
