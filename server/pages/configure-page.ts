import type { Manifest } from '../../addon/manifest.ts'
import { type Preferences, writePreferences } from '../../addon/preferences.ts'
import { configureForm } from './configure-form.ts'
import { html } from './html.ts'
import { installSection, nothing } from './install-section.ts'
import { pageFrame } from './page-frame.ts'

export interface ConfigureView {
  readonly manifest: Manifest
  readonly providers: readonly string[]
  readonly baseUrl: string
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
  const { manifest, root, baseUrl, preferences, problem } = view
  const frame = {
    manifest,
    root,
    title: `Choose what ${manifest.name} lists`,
    subtitle: 'Choose what is listed, then install',
    styles: ['page', 'install', 'configure'],
    script: 'configure',
    narrow: false,
    footer: html`<a href="${root || './'}">Install page</a> &middot;
      <a href="${root}test-source-selection">Status and test plays</a>`,
  }
  return pageFrame(
    frame,
    html`      <div id="problem" aria-live="polite">${problem ? html`<p class="note problem">${problem}</p>` : nothing}</div>
      <div class="choice">
        ${configureForm(view)}
        <section class="card result" aria-labelledby="install">
          <h2 id="install" tabindex="-1">Install</h2>
          <div id="result">
        ${installSection({ baseUrl, config: writePreferences(preferences) })}
          </div>
          <p class="soft small">Your choices are in the address itself; the server keeps nothing of them. To change
          them later press <strong>Configure</strong> at the addon in Stremio. It is then another address:
          remove the old one.</p>
          <p class="soft small">Films come from BitTorrent by way of this server: peers see the server's address, not
          yours. Direct links are the exception; you can leave them out.</p>
        </section>
      </div>`,
  )
}
