using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Says what amounts in other currencies are worth in the organisation's, at the rate that is valid on the day; before the first rate there is,
/// at that one, because what is old is better known roughly than not at all. An amount that does not change keeps what it was worth. One
/// statement for each currency and day that occur in a request.
/// </summary>
internal sealed class ConvertStep : IWriteStep
{
    public const string RateEntity = "exchange_rate";

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && entity.OwnFields.Any(f => f.Type is MoneyFieldType);

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var open = new List<(RecordChange Change, Field Field, Money Money, DateOnly Day)>();
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity))
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is MoneyFieldType))
            {
                foreach (var change in group)
                {
                    if (change.After!.Values[field.Ordinal] is Money money && Settle(batch, change, field, money) is { } day)
                    {
                        open.Add((change, field, money, day));
                    }
                }
            }
        }
        if (open.Count == 0)
        {
            return;
        }
        var rates = new Rates(batch);
        foreach (var (change, field, money, day) in open)
        {
            var type = (MoneyFieldType)field.Type;
            if (await rates.OfAsync(money.Currency, day, cancellationToken) is not { } worth)
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "money.noRate", money.Currency, batch.Model.Find(RateEntity)?.PluralLabel ?? Label.FromName(RateEntity), type.BaseCurrency));
                continue;
            }
            try
            {
                var converted = decimal.Round(money.Amount * worth, Currencies.DigitsOf(type.BaseCurrency), MidpointRounding.AwayFromZero);
                if (ExactDecimal.CheckScale(converted, 4) is { } fault)
                {
                    change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments));
                    continue;
                }
                change.After!.Values[field.Ordinal] = money with { Converted = converted };
            }
            catch (OverflowException)
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "value.tooLarge", ExactDecimal.Limit(4)));
            }
        }
    }

    /// <summary>Does what needs no rate; the day whose rate is needed otherwise.</summary>
    private static DateOnly? Settle(WriteBatch batch, RecordChange change, Field field, Money money)
    {
        var type = (MoneyFieldType)field.Type;
        if (money.Equals(change.Before?.Values[field.Ordinal]))
        {
            change.After!.Values[field.Ordinal] = change.Before!.Values[field.Ordinal];
            return null;
        }
        if (money.Currency == type.BaseCurrency)
        {
            change.After!.Values[field.Ordinal] = money with { Converted = money.Amount };
            return null;
        }
        if (!type.Currencies.Contains(money.Currency) || Math.Abs(money.Amount) > ExactDecimal.Limit(4))
        {
            // Validation says what is wrong with it.
            return null;
        }
        return DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(change.Stamp?.At ?? batch.Now, batch.TimeZone).DateTime);
    }

    /// <summary>The rates that a request has asked for so far.</summary>
    private sealed class Rates(WriteBatch batch)
    {
        private readonly Dictionary<(string, DateOnly), decimal?> _known = [];
        private readonly Dictionary<string, (DateOnly Day, decimal Rate)?> _first = new(StringComparer.Ordinal);

        /// <summary>The rate of the latest day up to <paramref name="day"/>, or else the first that there is; null where the currency has none.</summary>
        public async ValueTask<decimal?> OfAsync(string currency, DateOnly day, CancellationToken cancellationToken)
        {
            if (_first.TryGetValue(currency, out var first) && (first is null || day < first.Value.Day))
            {
                return first?.Rate;
            }
            if (!_known.TryGetValue((currency, day), out var rate))
            {
                rate = (await ReadAsync(currency, day, cancellationToken))?.Rate;
                if (rate is null)
                {
                    _first[currency] = first = await ReadAsync(currency, null, cancellationToken);
                    rate = first?.Rate;
                }
                _known[(currency, day)] = rate;
            }
            return rate;
        }

        /// <summary>The latest rate up to a day; the first of all without one.</summary>
        private async ValueTask<(DateOnly Day, decimal Rate)?> ReadAsync(string currency, DateOnly? until, CancellationToken cancellationToken)
        {
            if (batch.Model.Find(RateEntity) is not { } entity || entity.Find("currency") is not { Type.TextPart: >= 0 } currencies || entity.Find("date") is not { Type: DateFieldType } dates || entity.Find("rate") is not { Type: DecimalFieldType } rates)
            {
                return null;
            }
            var (code, date, rate) = (SqlDialect.Quote(currencies.Columns[currencies.Type.TextPart].Name), SqlDialect.Quote(dates.Columns[0].Name), SqlDialect.Quote(rates.Columns[0].Name));
            var (among, order) = until is null ? ("", "") : ($" AND {date} <= $2", " DESC");
            List<SqlParameter> parameters = [Param.Text(Folding.Fold(currency))];
            if (until is { } day)
            {
                parameters.Add(SqlParameter.Of(dates.Columns[0], day));
            }
            return await batch.Session.FirstAsync<(DateOnly, decimal)?>(
                $"SELECT {date}, {rate} FROM {SqlDialect.Quote(entity.Table)} WHERE \"deleted_at\" IS NULL AND {code} = $1 AND {date} IS NOT NULL AND {rate} IS NOT NULL{among} ORDER BY {date}{order}, \"id\"{order} LIMIT 1",
                parameters,
                row => ((DateOnly)row.Value(0, dates.Columns[0])!, (decimal)row.Value(1, rates.Columns[0])!),
                cancellationToken);
        }
    }
}
