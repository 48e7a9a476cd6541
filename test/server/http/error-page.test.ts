import { describe, expect, test } from '@jest/globals'
import { whatToDo, withAdvice } from '../../../common/faults/what-to-do.ts'
import { errorPage } from '../../../server/http/error-page.ts'

const error = { code: 'NOT_FOUND', message: 'There is nothing <here>.', requestId: 'r1' }
const page = (url: string) => errorPage(404, { error }, 'en', url)
const linkOf = (url: string) => /<a href="([^"]*)">/.exec(page(url))?.[1]

describe('the way home', () => {
  test.each(['/nothing', '/nothing/', '/play/movie/tt0133093/9?s=a/b', '/a/b/'])(
    'from %s, with and without a prefix of a proxy',
    (url) => {
      for (const prefix of ['', '/tv']) {
        const home = new URL(linkOf(url) ?? '?', `http://films.example${prefix}${url}`)
        expect(home.href).toBe(`http://films.example${prefix}/`)
      }
    },
  )

  test.each(['/', '/?a=1', `/${'a/'.repeat(5000)}`, '*', ''])('none from %j', (url) => {
    expect(linkOf(url)).toBeUndefined()
    expect(page(url).length).toBeLessThan(page('/nothing').length)
  })
})

test('the logo is in the page, and nothing of the request can leave its place', () => {
  expect(page('/"><script>')).toContain('<svg')
  expect(page('/"><script>')).not.toContain('<script')
  expect(page('/x')).toContain('There is nothing &lt;here&gt;.')
})

test('what to do about it has a line of its own', () => {
  const message = withAdvice('NOT_FOUND', 'There is nothing <here>.')
  const text = errorPage(404, { error: { ...error, message } }, 'en', '/x')
  expect(text).toContain(`<h1>There is nothing &lt;here&gt;.</h1>\n<p>${whatToDo.NOT_FOUND}</p>`)
})
