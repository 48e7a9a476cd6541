import type { IncomingMessage } from 'node:http'
import { request } from 'express'

/** English first: it is what who accepts anything gets. */
const PAGE_LANGUAGES = ['en', 'de', 'es', 'fr', 'pt', 'ru'] as const
export type Language = (typeof PAGE_LANGUAGES)[number]

/**
 * The best of those that the browser accepts (RFC 9110 12.5.4); English where there is none. Express' own
 * reading, which needs nothing but the headers: refusals are sent for requests that never came to Express too.
 */
export function languageOf(req: Pick<IncomingMessage, 'headers'>): Language {
  const found: unknown = Reflect.apply(request.acceptsLanguages, req, [...PAGE_LANGUAGES])
  return PAGE_LANGUAGES.find((one) => one === found) ?? 'en'
}

/** A sentence for each form that the language has for numbers (Intl.PluralRules), the number as `{n}`. */
export type Counted = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }
