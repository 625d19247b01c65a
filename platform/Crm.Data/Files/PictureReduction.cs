namespace Crm.Data;

/// <summary>
/// A picture on its way to a smaller one: samples come in any order and are averaged over the area that becomes one, so that only the small picture is held.
/// </summary>
internal sealed class PictureReduction
{
    private readonly int[] _columns, _rows, _perColumn, _perRow;
    private readonly long[][] _sums;

    public PictureReduction(int width, int height, int size, int channels)
    {
        var largest = Math.Max(width, height);
        Width = largest <= size ? width : Math.Max(1, (int)((long)width * size / largest));
        Height = largest <= size ? height : Math.Max(1, (int)((long)height * size / largest));
        (_columns, _perColumn) = Spread(width, Width);
        (_rows, _perRow) = Spread(height, Height);
        _sums = [.. Enumerable.Range(0, channels).Select(_ => new long[Width * Height])];
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels => _sums.Length;

    /// <summary>Adds a sample; one beyond the edge, with which blocks are filled up, is left out.</summary>
    public void Add(int channel, int x, int y, int value)
    {
        if (x < _columns.Length && y < _rows.Length)
        {
            _sums[channel][(_rows[y] * Width) + _columns[x]] += value;
        }
    }

    /// <summary>The averages of a channel, row by row.</summary>
    public byte[] Plane(int channel)
    {
        var plane = new byte[Width * Height];
        for (var i = 0; i < plane.Length; i++)
        {
            plane[i] = (byte)Math.Clamp(Average(channel, i), 0, 255);
        }
        return plane;
    }

    public long Average(int channel, int cell)
    {
        long count = _perColumn[cell % Width] * (long)_perRow[cell / Width];
        return (_sums[channel][cell] + (count / 2)) / count;
    }

    public long Sum(int channel, int cell) => _sums[channel][cell];

    private static (int[] Cells, int[] Counts) Spread(int from, int to)
    {
        var (cells, counts) = (new int[from], new int[to]);
        for (var i = 0; i < from; i++)
        {
            cells[i] = (int)((long)i * to / from);
            counts[cells[i]]++;
        }
        return (cells, counts);
    }
}
