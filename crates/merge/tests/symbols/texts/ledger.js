'use strict';

// A ledger of postings.
const fs = require('fs');
const path = require('path');
const { sum, sortBy } = require('./lists');

const MOST = 64;
const KINDS = { debit: 1, credit: -1 };

/**
 * Why an entry is refused.
 */
class Refused extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

function Ledger(name) {
  this.name = name || 'ledger';
  this.entries = [];
  this.closed = {};
}

Ledger.prototype.close = function close(account) {
  this.closed[account] = true;
};

// Adds an entry.
Ledger.prototype.post = function post(entry) {
  if (!entry.length) {
    throw new Refused('empty');
  }
  const by = sum(entry.map(posting => posting.amount));
  if (by !== 0) {
    throw new Refused('unbalanced by ' + by);
  }
  entry.forEach(posting => {
    if (this.closed[posting.account]) {
      throw new Refused(posting.account + ' is closed');
    }
  });
  this.entries.push(entry);
  return this.entries.length;
};

const reports = {
  totals: function (ledger) {
    const totals = {};
    ledger.entries.forEach(entry => {
      entry.forEach(posting => {
        totals[posting.account] = (totals[posting.account] || 0) + posting.amount;
      });
    });
    return totals;
  },

  size(ledger) {
    return ledger.entries.length;
  },

  describe: ledger => Object.keys(reports.totals(ledger)).join(', '),
};

function kind(posting) {
  switch (Math.sign(posting.amount)) {
    case 1:
      return 'debit';
    case -1:
      return 'credit';
    default:
      return 'none';
  }
}

async function load(file) {
  const text = await fs.promises.readFile(path.resolve(file), 'utf8');
  const ledger = new Ledger(file);
  for (const entry of sortBy(JSON.parse(text), 'at')) {
    ledger.post(entry);
  }
  return ledger;
}

module.exports = {
  Ledger,
  Refused,
  reports,
  load,
};
