using System.Text.Json;

namespace ScoreTracking.Reports;

/// <summary>Members of an event's detail, which is JSON, in UTF-8 and without a document for each of millions. Valid until the next is read.</summary>
internal sealed class EventDetail
{
    private byte[] _text = new byte[4096];
    private int _length;
    private Range _sourceKey;
    private Range _reason;
    private Range _url;
    private Range _metadata;

    /// <summary>The idempotency key it came with, with its source before it.</summary>
    public ReadOnlySpan<byte> SourceKey => _text.AsSpan(_sourceKey);

    public ReadOnlySpan<byte> Reason => _text.AsSpan(_reason);

    public ReadOnlySpan<byte> Url => _text.AsSpan(_url);

    /// <summary>The caller's own members: a JSON object.</summary>
    public ReadOnlySpan<byte> Metadata => _text.AsSpan(_metadata);

    /// <param name="json">Empty for none.</param>
    public void Read(ReadOnlySpan<byte> json)
    {
        _length = 0;
        _sourceKey = _reason = _url = _metadata = default;
        if (json.IsEmpty)
        {
            return;
        }

        // No value is longer unescaped than as it is written.
        if (_text.Length < json.Length)
        {
            _text = new byte[json.Length * 2];
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _metadata = Keep(json[start..(int)reader.BytesConsumed]);
            }
            else if (reader.ValueTextEquals("reason"u8))
            {
                _reason = Text(ref reader);
            }
            else if (reader.ValueTextEquals("url"u8))
            {
                _url = Text(ref reader);
            }
            else if (reader.ValueTextEquals("source_key"u8))
            {
                _sourceKey = Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private Range Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return default;
        }

        var start = _length;
        _length += reader.CopyString(_text.AsSpan(start));
        return start.._length;
    }

    private Range Keep(ReadOnlySpan<byte> value)
    {
        var start = _length;
        value.CopyTo(_text.AsSpan(start));
        _length += value.Length;
        return start.._length;
    }
}
