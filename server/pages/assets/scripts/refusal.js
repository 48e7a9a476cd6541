import { lang, words } from './words.js'

/** A refusal of the API for people: its message is English, and may be more exact than what its code says. */
export function refusalWords({ code, message }) {
  if (lang === 'en') return message
  const { codes, films } = words.refusals
  const [what, todo] = codes[code] ?? [message, '']
  const exact = Object.keys(films).find((english) => message.startsWith(english))
  return [films[exact] ?? what, todo].filter(Boolean).join(' ')
}

/** Why a film is not made ready for browsers. @param reason in English, without what to do about it */
export const filmReason = (reason) => words.refusals.films[reason] ?? reason
