/** Names that Intl does not have, or has in another form. */
const OTHERS: Readonly<Record<string, string>> = {
  ...{ usa: 'us', 'united states of america': 'us', uk: 'gb', 'great britain': 'gb' },
  ...{ 'hong kong': 'hk', 'soviet union': 'su', 'west germany': 'de', 'east germany': 'de' },
  ...{ czechoslovakia: 'cs', yugoslavia: 'yu', korea: 'kr', turkey: 'tr', macau: 'mo' },
}
let known: ReadonlyMap<string, string> | undefined

/** ISO 3166-1 alpha-2, in lower case, of names or codes apart by commas; what is neither is left out. */
export function countryCodes(names: string | readonly string[]): string[] {
  known ??= allCountries()
  const all = known
  const parts = (typeof names === 'string' ? [names] : names).flatMap((name) => name.split(/[,/|]/))
  const codes = parts.slice(0, 20).map((part) => codeOf(part.trim().toLowerCase(), all))
  return [...new Set(codes.filter((code) => code !== undefined))]
}

const codeOf = (name: string, all: ReadonlyMap<string, string>): string | undefined =>
  OTHERS[name] ?? all.get(name) ?? ([...all.values()].includes(name) ? name : undefined)

function allCountries(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  // `UK` and `DD` are old codes of countries that have another one.
  const found = letters
    .flatMap((first) => letters.map((second) => `${first}${second}`))
    .filter((code) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code.toUpperCase()}`)
  return new Map(
    found.flatMap((code) => {
      const name = names.of(code.toUpperCase())
      return name === undefined ? [] : [[name.toLowerCase(), code] as const]
    }),
  )
}
