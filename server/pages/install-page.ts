import type { Manifest } from '../../addon/manifest.ts'
import { html } from './html.ts'
import { installSection } from './install-section.ts'
import { pageFrame } from './page-frame.ts'

const WHAT_TO_KNOW = html`<dl class="facts">
  <div><dt>Your address stays out of the swarm</dt>
    <dd>Most films come from BitTorrent, but it is this server that takes part in it. Other peers see the
    server's address, not yours, and your device only speaks HTTP to this server. Stremio therefore
    shows no peer-to-peer warning (<code>p2p: false</code>).</dd></div>
  <div><dt>Direct links</dt>
    <dd>Some sources are a file on another web server. Playing one sends you there, and that server sees
    your address, as with any link.</dd></div>
  <div><dt>Where it plays</dt>
    <dd>The desktop and TV apps play from https and http. Stremio in a web browser is an https page: it
    needs this server on https (or on the same machine) and films that browsers can show, such as MP4
    and WebM.</dd></div>
</dl>`

/** The page of `/`: complete without scripts; one of them adds the copy button. */
export function installPage(manifest: Manifest, baseUrl: string): string {
  const frame = {
    manifest,
    root: '',
    title: `${manifest.name} for Stremio`,
    subtitle: `Addon for Stremio, version ${manifest.version}`,
    styles: ['page', 'install'],
    script: 'install',
    narrow: true,
    footer: html`<a href="test-source-selection">Status and test plays</a>`,
  } as const
  return pageFrame(
    frame,
    html`      <section class="card" aria-labelledby="install">
        <h2 id="install">Install</h2>
        <p class="soft">${manifest.description}</p>
        ${installSection({ baseUrl, config: '' })}
        <p class="choose"><a href="configure">Choose what it lists</a>
          <span class="soft small">resolutions, languages, sizes and more, before you install</span></p>
      </section>
      <section class="card" aria-labelledby="know">
        <h2 id="know">Good to know</h2>
        ${WHAT_TO_KNOW}
      </section>`,
  )
}
