import { fill, lang, words } from './words.js'

const namesIn = (language) =>
  new Intl.DisplayNames([language], { type: 'language', fallback: 'none' })
const english = namesIn('en')
const own = namesIn(lang)

function languageNames(code) {
  try {
    const [tag] = Intl.getCanonicalLocales(code)
    return [english.of(tag), own.of(tag)]
  } catch {
    return []
  }
}

/** The server says the language in English first, as other players shall have it: here in the page's own. */
export function trackName(name, code) {
  const [said, ours] = languageNames(code)
  if (said && ours && name.startsWith(said)) {
    return ours.charAt(0).toLocaleUpperCase(lang) + ours.slice(1) + name.slice(said.length)
  }
  return name.replace(/^Track (\d+)/, (_, n) => fill(words.watch.track, { n }))
}
