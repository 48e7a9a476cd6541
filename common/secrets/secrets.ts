import { holdsCredential, readings, withoutCredentials } from './credentials.ts'
import { formsOf } from './secret-forms.ts'

/** What of the settings nobody but the operator may read (config/secrets.ts finds it). */
export interface SecretTexts {
  /** Keys, passwords and tokens. */
  readonly keys: readonly string[]
  /**
   * Parts of the paths of other addons' addresses. Such a part may be a key or a plain word, so it
   * is looked for in the paths of links only, as a whole part.
   */
  readonly pathParts: readonly string[]
}

export const COVERED = '[secret]'
/** What is shorter stands in ordinary words. */
const LEAST_CHARACTERS = 6

/** Recognises the operator's secrets, in whatever form they are written. */
export class Secrets {
  readonly #forms: readonly string[]
  readonly #pathParts: ReadonlySet<string>
  readonly #pattern: RegExp | undefined

  constructor({ keys, pathParts }: SecretTexts) {
    const whole = keys.filter((key) => key.length >= LEAST_CHARACTERS)
    // The longest first: of two that overlap it leaves less behind.
    const forms = new Set(whole.flatMap(formsOf))
    this.#forms = [...forms].sort((a, b) => b.length - a.length)
    this.#pathParts = new Set(pathParts.map((part) => part.toLowerCase()))
    const alternatives = this.#forms.map((form) => form.replace(/[^\w]/g, '\\$&'))
    this.#pattern = alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'gi') : undefined
  }

  /** Whether the text has one of the keys in it. */
  carriesSecret(text: string): boolean {
    if (this.#forms.length === 0) return false
    return readings(text).some((one) => this.#isIn(one))
  }

  /** Whether a viewer must not be sent there: it holds a key of the settings, or any credential. */
  isSecretAddress(address: string): boolean {
    return holdsCredential(address) || this.carriesSecret(address) || this.#sharesPathPart(address)
  }

  /** The text with every key covered. One that is hidden under percent signs covers all of it. */
  covered(text: string): string {
    if (!this.carriesSecret(text) || !this.#pattern) return text
    const covered = text.replace(this.#pattern, COVERED)
    return this.carriesSecret(covered) ? COVERED : covered
  }

  /** A line of the log (JSON) without keys, and without the credentials of addresses in it. */
  coveredLine(line: string): string {
    const own = this.#pattern && this.#isIn(line) ? line.replace(this.#pattern, COVERED) : line
    return withoutCredentials(own)
  }

  #isIn(text: string): boolean {
    const lower = text.toLowerCase()
    return this.#forms.some((form) => lower.includes(form))
  }

  #sharesPathPart(address: string): boolean {
    if (this.#pathParts.size === 0) return false
    return readings(address).some((text) =>
      text.split(/[/?&=#;|]/).some((part) => this.#pathParts.has(part.toLowerCase())),
    )
  }
}

/** Of an operator who has none. */
export const noSecrets = new Secrets({ keys: [], pathParts: [] })
