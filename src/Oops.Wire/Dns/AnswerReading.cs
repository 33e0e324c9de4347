namespace Oops.Wire.Dns;

/// <summary>What a message is to who sent a query.</summary>
public enum AnswerReading
{
    /// <summary>It answers the query.</summary>
    Answer,

    /// <summary>It is not the answer (id, question, opcode or QR do not fit): keep waiting, it may be forged or late.</summary>
    NotOurs,

    /// <summary>Id and question fit, and the rest cannot be read: a broken answer.</summary>
    Malformed,
}
