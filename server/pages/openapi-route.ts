import { readFileSync } from 'node:fs'
import { Router } from 'express'
import { parse } from 'yaml'

const DESCRIPTION = new URL('../../docs/openapi.yaml', import.meta.url)

/** GET /api/openapi.json: docs/openapi.yaml with the version that runs. Read once, when somebody asks. */
export function createOpenapiRoute(version: string): Router {
  const router = Router({ strict: true, caseSensitive: true })
  let made: Buffer | undefined
  router.get('/api/openapi.json', (_req, res) => {
    if (!made) {
      const text = parse(readFileSync(DESCRIPTION, 'utf8'))
      made = Buffer.from(JSON.stringify({ ...text, info: { ...text.info, version } }))
    }
    res.set('Cache-Control', 'no-cache').type('json').send(made)
  })
  return router
}
