/** Small steps on the page. Text only: nothing here reads markup. */

export const at = (id) => document.getElementById(id)

/** Writes only what changed, so that screen readers and selections are left in peace. */
export function say(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text
}

/** Writes a sentence with an element in the place of `{name}`. */
export function sayAbout(id, sentence, name, made) {
  const [before, after] = sentence.split(`{${name}}`)
  at(id).replaceChildren(before, made, after)
}

export function element(name, text = '', className = '') {
  const made = document.createElement(name)
  if (text) made.textContent = text
  if (className) made.className = className
  return made
}

export function figure(id, main, rest = '') {
  if (at(id).textContent === `${main} ${rest}`) return
  at(id).replaceChildren(`${main} `, element('small', rest))
}

export function pill(id, tone, text) {
  at(id).dataset.tone = tone
  say(id, text)
}

/** What the server says in English on every page. */
export const inEnglish = (made) => Object.assign(made, { lang: 'en' })

/** A sentence with the names of variables set as code. */
export function sentence(name, text) {
  const made = element(name)
  made.append(
    ...text
      .split(/\b([A-Z][A-Z_]{3,}(?:=\w+)?)\b/)
      .map((part, i) => (i % 2 === 1 ? element('code', part) : part)),
  )
  return made
}
