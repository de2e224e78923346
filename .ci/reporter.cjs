// Mocha's dots and failures on the screen, and one message with the figures to the runner.
const { Runner, reporters } = require('mocha')

module.exports = class Reporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options)
    const slow = []
    const failed = []
    runner.on(Runner.constants.EVENT_TEST_END, test => {
      if ((test.duration ?? 0) >= 1000) slow.push([test.duration, test.fullTitle()])
    })
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      const message = String(error?.message ?? error)
        .replace(/\s+/g, ' ')
        .slice(0, 300)
      failed.push({ title: test.fullTitle(), file: test.file, message })
    })
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats
      process.send?.({ passed: passes, failed: failures, pending, slow, failures: failed })
    })
  }
}
