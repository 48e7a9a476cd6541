import { element, inEnglish, sayAbout } from './dom.js'
import { refusalWords } from './refusal.js'
import { authorization } from './token.js'
import { words } from './words.js'

/** @throws {Error} as `send`, with the `status` of a refusal */
async function answerOf(path, options) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error(words.operator.orders.noAnswer)
  })
  if (!answer.ok) throw await refusalOf(answer)
  return answer
}

/** Why it was refused. What an order may be is told by the API alone, in English. */
async function refusalOf(answer) {
  const { status } = answer
  const { error } = await answer.json().catch(() => {
    // A proxy in front says it in its own way.
    throw Object.assign(new Error(words.operator.orders.noAnswer), { status })
  })
  const isExact = error.code === 'BAD_BODY'
  const why = isExact ? error.message : refusalWords(error)
  return Object.assign(new Error(why), { isEnglish: isExact, status })
}

/** What the server tells. @throws {Error} as `send`, with the `status` of a refusal */
export async function ask(path, signal = AbortSignal.timeout(10_000)) {
  const answer = await answerOf(path, { cache: 'no-store', headers: authorization(), signal })
  return answer.json()
}

/**
 * Sends an order to the management API.
 * @returns {Promise<Response>} its answer, which is no refusal
 * @throws {Error} with a sentence for people; with `isEnglish` it is in English on every page
 */
export const send = (path, body, signal) =>
  answerOf(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization() },
    body: JSON.stringify(body),
    signal,
  })

/** As `send`. @returns {Promise<object>} what the answer says */
export const order = async (path, body, signal) => (await send(path, body, signal)).json()

/** Says that it was not done. @param error of `send` */
export function sayFailed(id, { message, isEnglish }) {
  const why = isEnglish ? inEnglish(element('span', message)) : message
  sayAbout(id, words.operator.orders.failed, 'why', why)
}
