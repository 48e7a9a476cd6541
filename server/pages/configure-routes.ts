import { type Request, Router } from 'express'
import type { Manifest } from '../../addon/manifest.ts'
import { EVERYTHING, readPreferences, writePreferences } from '../../addon/preferences.ts'
import { openToAll } from '../http/cors.ts'
import { wordsIn } from '../words/install/words.ts'
import { languageOf } from '../words/languages.ts'
import { asPage } from './as-page.ts'
import { type ConfigureView, configurePage } from './configure-page.ts'
import { PageMemory } from './page-memory.ts'
import { readForm } from './preferences-form.ts'

export interface ConfigureParts {
  readonly manifest: Manifest
  /** Names of those that a viewer can leave out. */
  readonly providers: readonly string[]
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
}

/**
 * `/configure` and, prefilled, `/{config}/configure`. The form is a plain GET of `/configure`, which
 * leads to the page of what was chosen: the address bar then holds the choice, with or without scripts.
 */
export function createConfigureRoutes({ manifest, providers, baseUrl }: ConfigureParts): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const made = new PageMemory()
  const pageOf = (view: Omit<ConfigureView, 'manifest' | 'providers'>): string => {
    const { baseUrl: base, root, language, preferences, problem } = view
    return made.page([base, root, language, preferences, problem], () =>
      configurePage({ ...view, manifest, providers }),
    )
  }

  router.get(['/configure', '/:config/configure'], (req: Request<{ config?: string }>, res) => {
    const base = baseUrl(req as Request)
    const language = languageOf(req)
    const { configure } = wordsIn(language)
    const { config } = req.params
    const form = readForm(searchOf(req.url), providers)
    if (form && !form.problem) {
      // Relative to the page itself, so that no prefix of a proxy matters (RFC 9110 10.2.2).
      const root = config === undefined ? '' : '../'
      const chosen = writePreferences(form.preferences)
      res.set({ ...openToAll, 'Cache-Control': 'no-store' })
      res.redirect(303, `${root}${chosen === '' ? '' : `${chosen}/`}configure#install`)
      return
    }
    const read = config === undefined ? EVERYTHING : readPreferences(config)
    const unread = read ? undefined : configure.obsolete
    const page = pageOf({
      baseUrl: base,
      language,
      root: config === undefined ? '' : '../',
      preferences: form?.preferences ?? read ?? EVERYTHING,
      problem: form?.problem ? configure[form.problem] : unread,
    })
    asPage(res, language).set(openToAll).type('html').send(page)
  })
  // Some clients put a slash behind what they were given; links of the page itself would miss by a folder.
  router.get(['/configure/', '/:config/configure/'], (req, res) => {
    res.set(openToAll).redirect(308, `../configure${queryOf(req.url)}`)
  })
  return router
}

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '')
const searchOf = (url: string): URLSearchParams => new URLSearchParams(queryOf(url))
