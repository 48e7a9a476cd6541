import type { Parse } from './bad-value.ts'

export interface Variable<T> {
  /** Default text, parsed like a set value; undefined if there is no default. */
  readonly preset: string | undefined
  /** The default as the README shows it. */
  readonly shown: string
  readonly parse: Parse<T>
  /** What it does, for the README. */
  readonly meaning: string
}

export interface PresetVariable<T> extends Variable<T> {
  readonly preset: string
}

export const preset = <T>(text: string, parse: Parse<T>, meaning: string): PresetVariable<T> => ({
  preset: text,
  shown: `\`${text}\``,
  parse,
  meaning,
})

export const unset = <T>(shown: string, parse: Parse<T>, meaning: string): Variable<T> => ({
  preset: undefined,
  shown,
  parse,
  meaning,
})
