import type { Html } from '../../markup/html.ts'
import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

type English = typeof en

/**
 * What the operators' part of the status page says: `page` where it stands as `{{name}}`, `script` what scripts put there,
 * `{names}` filled in.
 */
export interface OperatorWords {
  readonly page: { readonly [Name in keyof English['page']]: string | Html }
  readonly script: English['script']
}

const ALL: Readonly<Record<Language, OperatorWords>> = { en, de, es, fr, pt, ru }

export const operatorIn = (language: Language): OperatorWords => ALL[language]
