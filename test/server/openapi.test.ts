import { expect, jest, test } from '@jest/globals'
import express from 'express'
import { readManifest } from '../../addon/manifest.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import { createPages } from '../../server/pages/pages.ts'
import { PLAY_PATTERN } from '../../server/play/parse-play.ts'
import { checkerOf, description, resolved } from '../support/openapi.ts'
import { kept, noExamples, posterTitles } from '../support/server/kept-facts.ts'
import { startServer } from './fakes.ts'

/** Served by a folder's name, not by a route of their own. */
const FOLDERS = ['get /assets/{name}', 'get /clips/{name}']

/** As the description writes paths: with all that may be left out, and without. */
function written(pattern: string): string[] {
  const named = (text: string): string => text.replace(/:(\w+)/g, '{$1}')
  const whole = pattern.replace(/\{(\/[^}]*)\}/g, '$1')
  const least = pattern.replace(/\{\/[^}]*\}/g, '')
  return [...new Set([named(whole), named(least)])]
}

/** Every route that Express is told of while a server is made, with all that can be switched on. */
async function routesOfServer(): Promise<string[]> {
  const made: express.IRoute[] = []
  const { prototype } = express.Router as unknown as { prototype: express.Router }
  const make = prototype.route
  const spy = jest.spyOn(prototype, 'route').mockImplementation(function (
    this: express.Router,
    at,
  ) {
    const route = make.call(this, at)
    made.push(route)
    return route
  })
  const manifest = readManifest({ stremioAddonsConfig: undefined, catalogs: 'free' })
  const baseUrl = (): string => 'https://films.example'
  const pages = {
    manifest,
    kept,
    posterTitles,
    providers: [],
    ...noExamples,
    watch: {} as never,
    baseUrl,
  }
  const prefetch = { listRequested: () => undefined }
  const server = await startServer({
    addonRoutes: createAddonRoutes({ addon: {} as never, baseUrl, equalForAll: true, prefetch }),
    pages: createPages(pages),
    films: {} as never,
    cluster: { signatures: {} as never, balancer: {} as never, nodes: { all: [] } },
    storedPieces: {} as never,
    fetchAhead: {} as never,
  })
  server.stop()
  spy.mockRestore()
  return made.flatMap((route) => {
    const { path, stack } = route as unknown as {
      path: string | string[]
      stack: { method: string }[]
    }
    return [...new Set(stack.map(({ method }) => method))].flatMap((method) =>
      [path].flat().flatMap((one) => written(one).map((name) => `${method} ${name}`)),
    )
  })
}

const METHODS = ['get', 'post'] as const

test('every route of the server is described, and nothing else', async () => {
  const routes = [
    ...(await routesOfServer()),
    // Plays come before Express.
    ...written(PLAY_PATTERN).map((path) => `get ${path}`),
    ...FOLDERS,
  ]
  const described = Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => `${method} ${path}`),
  )
  expect(described.length).toBeGreaterThan(40)
  expect(described.sort()).toEqual([...new Set(routes)].sort())
})

test('every parameter of a path is described once, and every reference means something', () => {
  for (const [path, item] of Object.entries(description.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const told = (item.parameters ?? []).map(resolved).filter((one) => one.in === 'path')
    expect([path, told.map(({ name }) => name)]).toEqual([path, inPath])
    for (const method of METHODS) {
      const operation = item[method]
      if (!operation) continue
      const { responses, requestBody } = operation
      const contents = [
        ...Object.values(responses).map((one) => resolved(one)),
        ...(requestBody ? [requestBody] : []),
      ]
      for (const { content = {} } of contents) {
        for (const { schema } of Object.values(content)) {
          if (schema) expect(() => checkerOf(schema)).not.toThrow()
        }
      }
    }
  }
})

test('every schema is one, and is used', () => {
  const text = JSON.stringify(description)
  for (const [name, schema] of Object.entries(description.components.schemas ?? {})) {
    expect(() => checkerOf(schema)).not.toThrow()
    expect(text).toContain(`"#/components/schemas/${name}"`)
  }
})
