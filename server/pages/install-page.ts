import type { Manifest } from '../../addon/manifest.ts'
import type { PosterTitle } from '../../sources/providers/catalogue/poster-titles.ts'
import { all, html } from '../markup/html.ts'
import { type Words, wordsIn } from '../words/install/words.ts'
import type { Language } from '../words/languages.ts'
import { installSection } from './install-section.ts'
import { fact, type KeptFacts, keptSection } from './kept-section.ts'
import { pageFrame } from './page-frame.ts'
import { postersSection } from './posters-section.ts'

const descriptionIn = ({ description }: Manifest, { install }: Words): string =>
  description === wordsIn('en').install.description ? install.description : description

function factsOf({ install }: Words, { direct }: KeptFacts) {
  const { swarm, direct: linked, plays } = install.facts
  const here = direct === 'redirect' ? linked : { ...linked, text: html`${install.relayed}` }
  return [swarm, here, plays]
}

export interface InstallPageParts {
  readonly manifest: Manifest
  readonly kept: KeptFacts
  /** What anybody may watch here, the first of it. */
  readonly posterTitles: readonly PosterTitle[]
  /** Whether `/watch` plays them. */
  readonly isWatched: boolean
}

/** The page of `/`: complete without scripts; one of them adds the copy button. */
export function installPage(
  { manifest, kept, posterTitles, isWatched }: InstallPageParts,
  baseUrl: string,
  language: Language,
): string {
  const words = wordsIn(language)
  const { install } = words
  const frame = {
    manifest,
    language,
    root: '',
    title: install.title(manifest.name),
    subtitle: install.subtitle(manifest.version),
    styles: ['page', 'install', 'posters'],
    script: 'install',
    narrow: true,
    footer: html`<a href="test-source-selection">${install.status}</a>`,
  } as const
  return pageFrame(
    frame,
    html`      <section class="card" aria-labelledby="install">
        <h2 id="install">${install.heading}</h2>
        <p class="soft">${descriptionIn(manifest, words)}</p>
        ${installSection({ baseUrl, config: '' }, words.address)}
        <p class="choose"><a href="configure">${install.choose}</a>
          <span class="soft small">${install.chooseMore}</span></p>
      </section>
      ${postersSection(posterTitles, isWatched, words.posters)}
      <section class="card" aria-labelledby="know">
        <h2 id="know">${install.know}</h2>
        <dl class="facts">${all(factsOf(words, kept), ({ name, text }) => fact(name, text))}</dl>
      </section>
      ${keptSection(kept, language, words.kept)}`,
  )
}
