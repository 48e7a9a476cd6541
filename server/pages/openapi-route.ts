import { type Request, Router } from 'express'
import type { Manifest } from '../../addon/manifest.ts'
import { isOpen } from '../access/access-check.ts'
import { html } from '../markup/html.ts'
import { asPage } from './as-page.ts'
import { pageFrame } from './page-frame.ts'
import { PageMemory } from './page-memory.ts'
import { type Description, readDescription } from './reference/description.ts'
import { referenceMarkup } from './reference/reference-markup.ts'

interface OpenapiParts {
  readonly manifest: Manifest
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
}

/**
 * GET /api/openapi.json: docs/openapi.yaml with the version that runs. GET /api: the same, as a page for who accepts
 * text/html before JSON (RFC 9110 12.5.1). Read once, when somebody asks.
 */
export function createOpenapiRoute({ manifest, baseUrl }: OpenapiParts): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const pages = new PageMemory()
  let made: { readonly description: Description; readonly json: Buffer } | undefined
  const read = () => {
    if (made) return made
    const description = readDescription(manifest.version)
    made = { description, json: Buffer.from(JSON.stringify(description)) }
    return made
  }

  router.get(['/api', '/api/openapi.json'], (req, res) => {
    const { description, json } = read()
    if (req.path === '/api') res.vary('Accept')
    if (req.path !== '/api' || req.accepts(['json', 'html']) !== 'html') {
      res.set('Cache-Control', 'no-cache').type('json').send(json)
      return
    }
    const base = baseUrl(req)
    const page = () => pageOf(manifest, description, base)
    asPage(res)
      .type('html')
      .send(pages.page([base], page))
  })
  return router
}

function pageOf(manifest: Manifest, description: Description, base: string): string {
  const frame = {
    manifest,
    root: '',
    title: `API · ${manifest.name}`,
    subtitle: `API, version ${manifest.version}`,
    styles: ['page', 'reference'],
    script: 'reference',
    narrow: false,
    footer: html`<a href="./">Install page</a> · <a href="test-source-selection">Status and test plays</a>`,
  } as const
  return pageFrame(
    frame,
    html`${referenceMarkup({ description, base, isOpen })}
      <div class="unseen" id="said" role="status"></div>`,
  )
}
