/** For `page.evaluate`: the greatest sample of the sound that the page's film plays, from 0 to 128. */
export const LOUDNESS = `(async () => {
  const video = document.querySelector('video')
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  context.createMediaElementSource(video).connect(analyser)
  const samples = new Uint8Array(analyser.fftSize)
  let loudest = 0
  for (let n = 0; n < 100 && loudest < 5; n++) {
    analyser.getByteTimeDomainData(samples)
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample - 128))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return loudest
})()`
