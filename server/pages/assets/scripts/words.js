/** What the scripts of this page say, in its language: the page brings it along (server/words). */
export const words = JSON.parse(document.querySelector('meta[name="words"]').content)
export const { lang } = document.documentElement

// The words are those of Portugal, where nothing is many; in Brazil it is one.
const rules = new Intl.PluralRules(lang === 'pt' ? 'pt-PT' : lang)
const plain = new Intl.NumberFormat(lang)

export const number = (value) => plain.format(value)

/** A sentence with what its `{names}` stand for; numbers as the language writes them. */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name]
    return typeof value === 'number' ? number(value) : value
  })

/**
 * @param forms of a sentence, as the language has them for numbers (Intl.PluralRules)
 * @param values what else is filled in
 */
export const counted = (forms, n, values) =>
  fill(forms[rules.select(n)] ?? forms.other, { n, ...values })
