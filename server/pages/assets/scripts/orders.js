import { at, element, inEnglish } from './dom.js'
import { refusalWords } from './refusal.js'
import { authorization } from './token.js'
import { words } from './words.js'

/** What the server tells. @throws {Error} with the `status` of a refusal */
export async function ask(path) {
  const signal = AbortSignal.timeout(10_000)
  const answer = await fetch(path, { cache: 'no-store', headers: authorization(), signal })
  if (!answer.ok) {
    throw Object.assign(new Error(`${path} answered ${answer.status}`), { status: answer.status })
  }
  return answer.json()
}

/** Why an order was refused. What it may be is told by the API alone, in English. */
function refusalOf(error) {
  const isExact = error.code === 'BAD_BODY'
  const why = isExact ? error.message : refusalWords(error)
  return Object.assign(new Error(why), { isEnglish: isExact })
}

/**
 * Sends an order to the management API.
 * @returns {Promise<Response>} its answer, which is no refusal
 * @throws {Error} with a sentence for people; with `isEnglish` it is in English on every page
 */
export async function send(path, body, signal) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization() },
    body: JSON.stringify(body),
    signal,
  }).catch(() => {
    throw new Error(words.operator.orders.noAnswer)
  })
  if (!answer.ok) throw refusalOf((await answer.json()).error)
  return answer
}

/** As `send`. @returns {Promise<object>} what the answer says */
export const order = async (path, body) => (await send(path, body)).json()

/** Says that it was not done. @param error of `send` */
export function sayFailed(id, { message, isEnglish }) {
  const [before, after] = words.operator.orders.failed.split('{why}')
  const why = isEnglish ? inEnglish(element('span', message)) : message
  at(id).replaceChildren(before, why, after)
}
