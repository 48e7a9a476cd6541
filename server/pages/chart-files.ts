import { createRequire } from 'node:module'
import { Router } from 'express'
import { packageFile } from './package-file.ts'

const SCRIPT = createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js')
const STYLE = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css')

/** uPlot, which draws the charts of the status page. It sets styles by script only, as the policy wants. */
export function createChartFiles(): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.get('/assets/uplot.js', packageFile(SCRIPT, 'text/javascript'))
  router.get('/assets/uplot.css', packageFile(STYLE, 'text/css'))
  return router
}
