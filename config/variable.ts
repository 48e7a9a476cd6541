import type { Parse } from './bad-value.ts'

export interface Variable<T> {
  /** Default text, parsed like a set value; undefined if there is no default. */
  readonly defaultText: string | undefined
  /** The default as docs/settings.md shows it. */
  readonly shown: string
  readonly parse: Parse<T>
  /** What it does, for docs/settings.md. */
  readonly meaning: string
}

export interface VariableWithDefault<T> extends Variable<T> {
  readonly defaultText: string
}

export const withDefault = <T>(
  text: string,
  parse: Parse<T>,
  meaning: string,
): VariableWithDefault<T> => ({
  defaultText: text,
  shown: `\`${text}\``,
  parse,
  meaning,
})

export const optional = <T>(shown: string, parse: Parse<T>, meaning: string): Variable<T> => ({
  defaultText: undefined,
  shown,
  parse,
  meaning,
})
