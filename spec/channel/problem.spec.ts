import assert from 'node:assert/strict'
import { atMost, counted, fetchable, firstOf, measured, unique } from '../../lib/channel/problem.ts'

describe('a problem of a reply', () => {
  it('is the first one found', () => {
    assert.equal(firstOf([null, 'one', 'two']), 'one')
    assert.equal(firstOf([null, null]), null)
  })

  it('is a text that is missing, blank or too long', () => {
    assert.equal(measured('title', ' \n', 3), 'title: empty')
    assert.equal(measured('title', 'four', 3), 'title: 4 characters, at most 3')
    assert.equal(measured('title', 'abc', 3), null)
  })

  it('is, where a text may be missing, only its length', () => {
    assert.equal(atMost('header', undefined, 3), null)
    assert.equal(atMost('header', '', 3), null)
    assert.equal(atMost('header', 'four', 3), 'header: 4 characters, at most 3')
  })

  it('is a count below or above what is allowed', () => {
    assert.equal(counted('rows', 0, 1, 2), 'rows: 0, allowed are 1 to 2')
    assert.equal(counted('rows', 3, 1, 2), 'rows: 3, allowed are 1 to 2')
    assert.equal(counted('rows', 1, 1, 2), null)
    assert.equal(counted('rows', 2, 1, 2), null)
  })

  it('is a value that comes twice', () => {
    assert.equal(unique('ids', ['a', 'b', 'a']), 'ids: not all different')
    assert.equal(unique('ids', ['a', 'b']), null)
  })

  it('is a link that is too long, or nothing to fetch', () => {
    assert.equal(fetchable('link', '', 30), 'link: empty')
    assert.equal(fetchable('link', 'https://a.example/1', 9), 'link: 19 characters, at most 9')
    assert.equal(fetchable('link', 'file:///etc/hosts', 30), 'link: not an http or https address')
    assert.equal(fetchable('link', 'HTTPS://a.example/1', 30), null)
  })
})
