import type { Manifest } from '../../addon/manifest.ts'
import { type Preferences, writePreferences } from '../../addon/preferences.ts'
import { html } from '../markup/html.ts'
import { wordsIn } from '../words/install/words.ts'
import type { Language } from '../words/languages.ts'
import { configureForm } from './configure-form.ts'
import { installSection, nothing } from './install-section.ts'
import { pageFrame } from './page-frame.ts'

export interface ConfigureView {
  readonly manifest: Manifest
  readonly providers: readonly string[]
  readonly baseUrl: string
  readonly language: Language
  readonly root: '' | '../'
  readonly preferences: Preferences
  /** A sentence on top, when something is not as it should be. */
  readonly problem: string | undefined
}

/**
 * Complete without scripts: the form's button leads to the page of what was chosen. With them
 * (assets/configure.js) the right side follows every tick, taken from that same page.
 */
export function configurePage(view: ConfigureView): string {
  const { manifest, root, baseUrl, language, preferences, problem } = view
  const { install, address, configure } = wordsIn(language)
  const frame = {
    manifest,
    language,
    root,
    title: configure.title(manifest.name),
    subtitle: configure.subtitle,
    styles: ['page', 'install', 'configure'],
    script: 'configure',
    narrow: false,
    footer: html`<a href="${root || './'}">${configure.installPage}</a> &middot;
      <a href="${root}test-source-selection">${install.status}</a>`,
  }
  return pageFrame(
    frame,
    html`      <div id="problem" aria-live="polite">${problem ? html`<p class="note problem">${problem}</p>` : nothing}</div>
      <div class="choice">
        ${configureForm(view)}
        <section class="card result" aria-labelledby="install">
          <h2 id="install" tabindex="-1">${install.heading}</h2>
          <div id="result">
        ${installSection({ baseUrl, config: writePreferences(preferences) }, address)}
          </div>
          <p class="soft small">${configure.inAddress}</p>
          <p class="soft small">${configure.swarm}</p>
        </section>
      </div>`,
  )
}
