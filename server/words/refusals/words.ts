import { type FaultCode, faultCode, faults } from '../../../common/errors.ts'
import { partsOf, whatToDo } from '../../../common/faults/what-to-do.ts'
import { filmReasonsIn } from '../films/words.ts'
import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

/** Of each code what has happened, and what can be done about it. */
export type Refusals = Readonly<Record<FaultCode, readonly [what: string, todo: string]>>

const codes = Object.keys(faults) as FaultCode[]
/** As the API says it. */
const en = Object.fromEntries(
  codes.map((code) => [code, [faults[code][1], whatToDo[code]]] as const),
) as Refusals

const ALL: Readonly<Record<Language, Refusals>> = { en, de, es, fr, pt, ru }

const FRAMES = {
  en: { home: 'To the start page', available: 'Sources of this title:', request: 'request' },
  de: { home: 'Zur Startseite', available: 'Quellen dieses Titels:', request: 'Anfrage' },
  es: { home: 'A la página de inicio', available: 'Fuentes de este título:', request: 'petición' },
  fr: { home: 'À la page d’accueil', available: 'Sources de ce titre :', request: 'requête' },
  pt: { home: 'Para a página inicial', available: 'Fontes deste título:', request: 'pedido' },
  ru: { home: 'На начальную страницу', available: 'Источников у этого фильма:', request: 'запрос' },
}

/** What stands around a refusal on its page. */
export const refusalFrameIn = (language: Language): (typeof FRAMES)['en'] => FRAMES[language]

/** What scripts make of the English message of a refusal: by its code, and for films by the sentence itself. */
export const refusalsIn = (language: Language) => ({
  codes: ALL[language],
  films: filmReasonsIn(language),
})

/**
 * What has happened, and what can be done about it; the latter may be empty.
 * @param error of a refusal, as the API has it: its message is English, and may be more exact than its code's
 */
export function refusalIn(
  language: Language,
  error: { readonly code: string; readonly message: string },
): readonly [what: string, todo: string] {
  const code = faultCode(error.code)
  const english = partsOf(code, error.message)
  if (language === 'en' || code === undefined) return english
  const { codes, films } = refusalsIn(language)
  const [what, todo] = codes[code]
  return [films[english[0]] ?? what, todo]
}
