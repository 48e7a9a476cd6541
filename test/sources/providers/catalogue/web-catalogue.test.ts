import { createLocalCatalogue } from '../../../../sources/providers/catalogue/local-catalogue.ts'
import { NIGHT, SECRET, sourceProviderContract } from '../../../contracts/source-provider.ts'
import { silent } from '../../fakes.ts'

const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}`
const titles = [{ id: NIGHT.imdbId, type: 'movie', name: 'Night', sources: [{ magnet }] }]

sourceProviderContract('a catalogue at an address', {
  async find({ base, outbound, clock }, signal) {
    const locations = [`${base}/titles.json?apikey=${SECRET}`]
    const catalogue = createLocalCatalogue({ locations, outbound, clock, log: silent })
    signal.addEventListener('abort', () => void catalogue.close())
    try {
      return await catalogue.find(NIGHT, signal)
    } finally {
      await catalogue.close()
    }
  },
  answer: (_req, res) => void res.end(JSON.stringify({ version: 1, titles })),
  failsSilently: true,
})
