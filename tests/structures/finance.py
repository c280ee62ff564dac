"""Programs of finance: ledgers in dicts, lots in queues, options with memos, portfolios of dataclasses."""
import math
from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate, groupby

import numpy as np

# --- a ledger


def post(ledger, entry):
    """Double entry: what one account gives, another gets."""
    amount, giving, getting = entry
    if giving not in ledger:
        ledger[giving] = 0.0
    if getting not in ledger:
        ledger[getting] = 0.0
    ledger[giving] -= amount
    ledger[getting] += amount


def net_worth(opening, months, interest, tax):
    """A household's ledger: entries month by month, interest on savings and debt, taxes at the end."""
    ledger = dict(opening)
    earned = 0.0
    for entries in months:
        for entry in entries:
            post(ledger, entry)
        for account, rate in interest.items():
            gain = ledger[account] * rate / 12.0
            ledger[account] += gain
            if gain > 0:
                earned += gain
        if ledger["checking"] > 10.0:
            post(ledger, (ledger["checking"] - 10.0, "checking", "savings"))
    salary = -ledger["employer"]
    ledger["checking"] -= tax["income"] * salary + tax["interest"] * earned
    assets = sum(balance for account, balance in ledger.items() if account not in ("employer", "shops"))
    return assets / (1.0 + 0.1 * len(months))


def net_worth_args(size):
    rng = np.random.default_rng(81)
    months = []
    for month in range(size):
        months.append([(float(rng.uniform(18, 22)), "employer", "checking"),
                       (float(rng.uniform(5, 9)), "checking", "shops")])
        if month % 2:
            months[-1].append((1.5, "checking", "loan"))
    return ({"checking": 8.0, "savings": 40.0, "loan": -25.0}, months, {"savings": 0.03, "loan": 0.08},
            {"income": 0.2, "interest": 0.25})


# --- shares bought in lots, sold first in first out


def capital_gains_tax(trades, rate, long_rate, fee):
    """FIFO lots: each sale takes shares from the oldest lots; what was held long is taxed less."""
    lots = deque()
    tax = 0.0
    fees = 0.0
    for day, quantity, price in trades:
        fees += fee * abs(quantity) * price
        if quantity > 0:
            lots.append([day, quantity, price])
            continue
        to_sell = -quantity
        while to_sell > 0 and lots:
            bought, available, cost = lots[0]
            sold = min(available, to_sell)
            gain = sold * (price - cost)
            tax += (long_rate if day - bought > 365 else rate) * gain
            to_sell -= sold
            if sold == available:
                lots.popleft()
            else:
                lots[0][1] = available - sold
    unrealised = 0.0
    for bought, quantity, cost in lots:
        unrealised += quantity * (trades[-1][2] - cost)
    return tax + fees + 0.1 * unrealised


def capital_gains_tax_args(size):
    rng = np.random.default_rng(82)
    quantities = ([10, 5, -8, 12, -4, -9, 7, -3] * 2)[:size]
    prices = rng.uniform(8, 15, size)
    trades = [(120 * k, float(q), float(p)) for k, (q, p) in enumerate(zip(quantities, prices))]
    return trades, 0.3, 0.15, 0.002


# --- an American option, with a memo


def american_put(spot, strike, rate, volatility, maturity, steps):
    """A binomial tree by recursion; nodes that recombine are remembered."""
    dt = maturity / steps
    up = math.exp(volatility * math.sqrt(dt))
    down = 1.0 / up
    p = (math.exp(rate * dt) - down) / (up - down)
    discount = math.exp(-rate * dt)
    memo = {}

    def value(step, ups):
        if (step, ups) in memo:
            return memo[step, ups]
        price = spot * up**ups * down**(step - ups)
        exercise = max(strike - price, 0.0)
        if step == steps:
            result = exercise
        else:
            hold = discount * (p * value(step + 1, ups + 1) + (1.0 - p) * value(step + 1, ups))
            result = max(hold, exercise)
        memo[step, ups] = result
        return result

    premium = value(0, 0)
    delta = (memo[1, 1] - memo[1, 0]) / (spot * (up - down))
    return premium + 0.1 * delta


def american_put_args(size):
    return 10.3, 11.0, 0.05, 0.3, 1.0, size


# --- a portfolio of dataclasses


@dataclass
class Bond:
    face: float
    coupon: float
    years: int


@dataclass
class Holding:
    name: str
    bond: Bond
    share: float
    tags: list = field(default_factory=list)


def bond_price(bond, curve):
    price = 0.0
    for year in range(1, bond.years + 1):
        rate = curve[min(year, len(curve)) - 1]
        price += bond.face * bond.coupon / (1.0 + rate)**year
    return price + bond.face / (1.0 + curve[min(bond.years, len(curve)) - 1])**bond.years


def portfolio_risk(holdings, curve, shock, limit):
    """Loss of a portfolio under a parallel shock of the curve.

    A price on what is concentrated in a sector.
    """
    shocked = [rate + shock for rate in curve]
    before = after = 0.0
    sectors = {}
    for holding in holdings:
        worth = holding.share * bond_price(holding.bond, curve)
        before += worth
        after += holding.share * bond_price(holding.bond, shocked)
        for tag in holding.tags:
            sectors[tag] = sectors.get(tag, 0.0) + worth
    concentration = 0.0
    for worth in sectors.values():
        excess = worth / before - limit
        if excess > 0:
            concentration += excess**2
    loss = (before - after) / before
    return loss + concentration


def portfolio_risk_args(size):
    tags = [["state"], ["bank", "euro"], ["euro"], ["state", "euro"]]
    holdings = [Holding(f"bond{k}", Bond(100.0, 0.02 + 0.005 * k, 2 + k), 1.0 + 0.3 * k, tags[k % 4])
                for k in range(size)]
    return holdings, [0.01, 0.015, 0.02, 0.022], 0.01, 0.4


# --- repayments, with itertools


def loan_cost(principal, payments, rates, penalty):
    """Balances of a loan by accumulate.

    Interest by year through groupby; extra payments late in a year cost more.
    """
    def next_balance(balance, period):
        payment, rate = period
        return balance * (1.0 + rate / 12.0) - payment

    periods = list(zip(payments, rates))
    balances = list(accumulate(periods, next_balance, initial=principal))
    interest = []
    for month, (balance, rate) in enumerate(zip(balances, rates)):
        interest.append((month // 3, balance * rate / 12.0))
    yearly = {}
    for quarter, group in groupby(interest, key=lambda item: item[0]):
        yearly[quarter] = sum(amount for _, amount in group)
    total = 0.0
    for quarter, amount in yearly.items():
        total += amount / (1.02**quarter)
    final = balances[-1]
    return total + penalty * final**2 / principal


def loan_cost_args(size):
    return (50.0, [1.0 + 0.1 * k for k in range(size)], [0.05 + 0.002 * k for k in range(size)], 0.05)
