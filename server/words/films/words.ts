import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

/**
 * Why a film is not made ready for browsers, by the English sentence that media/ and player/browser have for it: an exact
 * message beside the code's own.
 */
export type FilmReasons = Readonly<Record<string, string>>

const ALL: Readonly<Record<Language, FilmReasons>> = { en: {}, de, es, fr, pt, ru }

export const filmReasonsIn = (language: Language): FilmReasons => ALL[language]
