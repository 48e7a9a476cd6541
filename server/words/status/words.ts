import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

/**
 * What the viewers' part of the status page says: `page` where it stands as `{{name}}`, `script` what scripts put there,
 * `{names}` filled in.
 */
export type StatusWords = typeof en

const ALL: Readonly<Record<Language, StatusWords>> = { en, de, es, fr, pt, ru }

export const statusIn = (language: Language): StatusWords => ALL[language]
